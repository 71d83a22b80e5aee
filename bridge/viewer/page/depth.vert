// Places a vertex as a light sees it, or an eye straight above.

layout(location = 0) in vec3 in_position;
layout(location = 3) in vec4 in_x;
layout(location = 4) in vec4 in_y;
layout(location = 5) in vec4 in_z;

uniform mat4 seen_from_world;

void main() {
    vec4 p = vec4(in_position, 1.0);
    gl_Position = seen_from_world * vec4(dot(in_x, p), dot(in_y, p), dot(in_z, p), 1.0);
}
