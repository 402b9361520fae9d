"""The picture on the stage as a program that runs without this package."""
