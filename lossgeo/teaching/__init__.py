"""What is taught: the content files, questions, lessons, answers, and what a learner has done with them."""
