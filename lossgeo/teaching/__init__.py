"""The teaching content: files, questions, lessons and answers; and the learner's progress."""
