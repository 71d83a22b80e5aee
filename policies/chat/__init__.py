"""A language model as an agent's mind: what it is shown, how it is asked, what its answer means, and what it costs."""
