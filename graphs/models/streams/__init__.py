"""What watches over a model's words on their way: time, reasoning, repetition, a proper end."""
