"""The tables of words, one a language; see README.tsv for what each line means."""
