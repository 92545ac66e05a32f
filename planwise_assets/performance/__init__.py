"""What follows from the records that the steps of a year keep of themselves."""
