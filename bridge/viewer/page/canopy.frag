// How high things stand over the ground, averaged over some metres: near in red, further around in green.

uniform sampler2D tops;        // depth from above
uniform vec2 heights;          // lowest and highest [m]
uniform vec2 texel;            // of the tops, in parts of the map
uniform vec2 metres;           // of the map

out vec4 color;

float above(vec2 uv) {
    float top = heights.y - textureLod(tops, uv, 0.0).x * (heights.y - heights.x);
    return clamp(top - textureLod(ground_height, uv, 0.0).x, 0.0, CANOPY_TOP_M);
}

float mean(vec2 uv, float radius_m) {
    float sum = 0.0;
    for (int k = 0; k < 24; ++k) {
        float a = 2.399963 * float(k), r = radius_m * sqrt((float(k) + 0.5) / 24.0);
        sum += above(uv + vec2(cos(a), sin(a)) * r / metres);
    }
    return sum / 24.0;
}

void main() {
    vec2 uv = gl_FragCoord.xy * texel;
    vec2 rim = step(0.497, abs(uv - 0.5));
    color = vec4(mean(uv, 3.0), mean(uv, 14.0), 0.0, 1.0) / CANOPY_TOP_M * (1.0 - max(rim.x, rim.y));
}
