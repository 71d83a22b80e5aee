// Places a vertex of the world or of an instance; hands its normal and its label on.

in vec3 in_position;
in vec3 in_normal;
in uint in_id;
in uint in_material;
#ifdef INSTANCED
in vec4 in_x;
in vec4 in_y;
in vec4 in_z;
in uint in_instance;
#endif

uniform float layer_bias;

out vec3 normal;
flat out uint label;
invariant gl_Position;

void main() {
    vec4 p = vec4(in_position, 1.0);
    uint id = in_id;
    vec3 n = in_normal;
#ifdef INSTANCED
    vec3 squared = vec3(in_x.x * in_x.x + in_y.x * in_y.x + in_z.x * in_z.x,
                        in_x.y * in_x.y + in_y.y * in_y.y + in_z.y * in_z.y,
                        in_x.z * in_x.z + in_y.z * in_y.z + in_z.z * in_z.z);
    n = n / squared;
    n = vec3(dot(in_x.xyz, n), dot(in_y.xyz, n), dot(in_z.xyz, n));
    p = vec4(dot(in_x, p), dot(in_y, p), dot(in_z, p), 1.0);
    id = in_instance;
#endif
    normal = n;
    label = id | (in_material << 22u);
    gl_Position = clip_from_world * p;
    gl_Position.z -= layer_bias * gl_Position.w;
}
