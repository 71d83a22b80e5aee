// One triangle over the whole picture, at the depth that stands for one kind of thing (see kinds.frag).

in vec2 in_corner;

uniform float kind_depth;

void main() { gl_Position = vec4(in_corner, kind_depth * 2.0 - 1.0, 1.0); }
