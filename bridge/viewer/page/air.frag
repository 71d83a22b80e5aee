// Rain or snow in the air, over everything; as bridge/render/shading/tone.glsl has it.

uniform sampler2D air_map;
uniform float rain_tan;

out vec4 color;

void main() {
    vec2 at = (gl_FragCoord.xy * picture.zw * 2.0 - 1.0) * vec2(length(right.xyz), -length(up.xyz));
    float seconds = right.w, veil;
    vec3 air;
    if (weather.x > 0.0) {
        float slant = 0.05 + 0.010 * dot(wind.xy, normalize(right.xyz).xy);
        at.x += at.y * slant;
        vec2 fall = vec2(at.x, at.y * 0.45) / rain_tan;
        veil = 0.6 * texture(air_map, fall - vec2(0.0, seconds * 3.1)).x;
        veil += 0.4 * texture(air_map, fall * 1.83 + vec2(0.37, 0.21 - seconds * 2.6)).x;
        veil *= 0.34 * saturate(weather.x * 1.4);
        air = ambient[0].rgb * 1.5 + 0.02;
    } else {
        vec2 sway = vec2(0.05 * sin(at.y * 6.0 + seconds), -0.45 * seconds);
        veil = texture(air_map, at / rain_tan + sway).x + 0.7 * texture(air_map, at * 1.9 / rain_tan + 0.43 + sway * 0.8).x;
        veil = saturate(veil * 0.75 * saturate(weather.y * 1.5));
        air = ambient[0].rgb * 1.7 + 0.04;
    }
    color = vec4(shown(air), veil);
}
