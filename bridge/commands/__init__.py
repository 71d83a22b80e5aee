"""What `simbridge` can be told to do: one file a command, loaded only when it is called."""
