"""What a teacher does with a class."""
