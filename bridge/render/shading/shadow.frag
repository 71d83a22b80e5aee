// Depth is all there is.

void main() {}
