"""The steps of a truck's pipeline, one file each, in the order that ``edge/truck/pipeline.py`` lists."""
