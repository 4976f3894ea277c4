"""Pure numerics that both ends need: arrays in, arrays out."""
