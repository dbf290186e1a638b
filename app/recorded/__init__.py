"""What a run measured, step for step, in arrays that stay small however long it goes on."""
