"""World models: a past and the course of a body in, an imagined future out."""
