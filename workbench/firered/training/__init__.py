"""Training, Sec. 3: pure objectives, pure batches, one loop.

Shapes: B batch, N reference images, C channels, H W height and width of a latent, L tokens, D width.
Noise: `sigma` in [0, 1], 1 is pure noise; `x_sigma = (1 - sigma) * x0 + sigma * noise`;
`velocity = noise - x0`; `x0_hat = x_sigma - sigma * velocity`.
"""
