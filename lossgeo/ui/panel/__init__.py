"""The panel beside the stage: lesson, questions, or controls. On a phone and on a projector it lies below the stage."""
