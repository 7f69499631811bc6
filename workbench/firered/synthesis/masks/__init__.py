"""Pure functions on masks and mattes that makers share: shape, edges, colour, seams, textures, skeletons."""
