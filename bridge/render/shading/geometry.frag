// What a pixel sees in four words: its normal towards the camera, id and material, one over the depth along the axis.

#ifdef SMOOTH
in vec3 normal;
flat in uint label;
#else
flat in uvec3 face;
#endif

layout(location = 0) out uvec4 seen;

void main() {
#ifdef SMOOTH
    uvec3 word = uvec3(packed_normal(normalize(normal)), label);
#else
    uvec3 word = face;
#endif
    // The inverse of a number's bits is its negative, off by one step.
    uint turned = gl_FrontFacing ? 0u : 0xffffffffu;
    seen = uvec4(word.xy ^ uvec2(turned), word.z, floatBitsToUint(gl_FragCoord.w));
}
