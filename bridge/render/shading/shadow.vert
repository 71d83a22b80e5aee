// Places a vertex as the light sees it.

in vec3 in_position;
#ifdef INSTANCED
in vec4 in_x;
in vec4 in_y;
in vec4 in_z;
#endif

uniform mat4 light_from_world;

void main() {
    vec4 p = vec4(in_position, 1.0);
#ifdef INSTANCED
    p = vec4(dot(in_x, p), dot(in_y, p), dot(in_z, p), 1.0);
#endif
    gl_Position = light_from_world * p;
}
