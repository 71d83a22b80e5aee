// Places a vertex of the world, or of a copy of a model. A flat face has the normal and label of its last vertex.

layout(location = 0) in vec3 in_position;
layout(location = 1) in vec4 in_normal;
layout(location = 2) in uint in_label;
layout(location = 3) in vec4 in_x;
layout(location = 4) in vec4 in_y;
layout(location = 5) in vec4 in_z;
layout(location = 6) in uint in_instance;

uniform float layer_bias;

out vec3 place;
out vec3 local;
#ifdef SMOOTH
out vec3 normal;
out vec3 local_normal;
#else
flat out vec3 normal;
flat out vec3 local_normal;
#endif
flat out uint label;

void main() {
    vec4 p = vec4(in_position, 1.0);
    place = vec3(dot(in_x, p), dot(in_y, p), dot(in_z, p));
    vec3 squared = in_x.xyz * in_x.xyz + in_y.xyz * in_y.xyz + in_z.xyz * in_z.xyz;
    vec3 n = in_normal.xyz / squared;
    normal = vec3(dot(in_x.xyz, n), dot(in_y.xyz, n), dot(in_z.xyz, n));
    vec3 size = sqrt(squared);
    local = in_position * size;
    local_normal = in_normal.xyz / size;
    label = in_instance == 0u ? in_label : in_instance | (in_label & 0xffc00000u);
    gl_Position = clip_from_world * vec4(place, 1.0);
    gl_Position.z -= layer_bias * gl_Position.w;
}
