"""What is done with words everywhere: terms, quantities, linear models over features."""
