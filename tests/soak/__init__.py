"""Too long, or too demanding of the machine, for every test run: each is a command, and says how it is called."""
