// Places a vertex of the world or of an instance; hands its normal and its label on.
//
// A flat face has those of its last vertex; only on smooth ones the normal differs from place to place.

in vec3 in_position;
in uvec2 in_normal;
in uint in_label;
#ifdef INSTANCED
in vec4 in_x;
in vec4 in_y;
in vec4 in_z;
in uint in_instance;
#endif

uniform float layer_bias;

#ifdef SMOOTH
out vec3 normal;
flat out uint label;
#else
flat out uvec3 face;
#endif
invariant gl_Position;

#ifdef INSTANCED
vec3 turned(vec3 n) {
    vec3 squared = vec3(in_x.x * in_x.x + in_y.x * in_y.x + in_z.x * in_z.x,
                        in_x.y * in_x.y + in_y.y * in_y.y + in_z.y * in_z.y,
                        in_x.z * in_x.z + in_y.z * in_y.z + in_z.z * in_z.z);
    n = n / squared;
    return vec3(dot(in_x.xyz, n), dot(in_y.xyz, n), dot(in_z.xyz, n));
}
#endif

void main() {
    vec4 p = vec4(in_position, 1.0);
#ifdef INSTANCED
    p = vec4(dot(in_x, p), dot(in_y, p), dot(in_z, p), 1.0);
    uint named = in_instance | (in_label & 0xffc00000u);
#ifdef SMOOTH
    normal = turned(unpacked_normal(in_normal));
    label = named;
#else
    face = uvec3(packed_normal(normalize(turned(unpacked_normal(in_normal)))), named);
#endif
    gl_Position = clip_from_world * p;
#else
#ifdef SMOOTH
    normal = unpacked_normal(in_normal);
    label = in_label;
#else
    face = uvec3(in_normal, in_label);
#endif
    gl_Position = clip_from_world * p;
    gl_Position.z -= layer_bias * gl_Position.w;
#endif
}
