"""The counter's steps, one file each; ``edge/counter/pipeline.py`` has them in order."""
