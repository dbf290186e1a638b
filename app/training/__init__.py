"""What a person asks of training, and what the training process answers, on the window's side."""
