"""What is done to a rule: each module knows some of the ways in which people get rules wrong."""
