"""The commands of the command line, one file each: their options, what they run, and what they say at the end."""
