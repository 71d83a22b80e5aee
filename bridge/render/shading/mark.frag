// Marks where water is seen, as a depth beyond all land: what lies before it was drawn before.

void main() {
    if (kind_of(label_at(ivec2(gl_FragCoord.xy))) != 4) discard;
    gl_FragDepth = WATER_DEPTH;
}
