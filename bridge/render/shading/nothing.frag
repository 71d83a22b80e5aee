// What a sample sees where nothing was drawn: the sky, as zeros.

layout(location = 0) out uvec4 seen;

void main() { seen = uvec4(0u); }
