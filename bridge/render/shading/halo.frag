// The glow of a lamp in the air before what the picture shows: light scattered along the line of sight.

in vec2 corner;
flat in vec4 lamp;
flat in vec3 light;

layout(location = 0) out vec4 color;

// The arc tangent to a hundredth, good enough for haze.
float arc(float x) {
    float y = min(abs(x), 1.0 / max(abs(x), 1e-6));
    float a = y / (1.0 + 0.28 * y * y);
    return sign(x) * (abs(x) > 1.0 ? 0.5 * PI - a : a);
}

void main() {
    ivec2 pixel = shaded_pixel();
    vec3 ray = direction_at(vec2(pixel) + 0.5);
    float scene_m = depth_at(pixel) * length(ray);
    ray = normalize(ray);
    vec3 to_lamp = lamp.xyz - eye.xyz;
    float along = dot(to_lamp, ray);
    float aside = max(length(to_lamp - ray * along), 0.06);
    float near_end = max(-along, -lamp.w), far_end = min(min(scene_m, along + lamp.w) - along, lamp.w);
    float scattered = max(arc(far_end / aside) - arc(near_end / aside), 0.0) / aside;
    float fade = saturate(1.0 - dot(corner, corner));
    float haze = 0.00035 + fog.w * 0.030 + 0.0007 * weather.x;
    float shown = exp(-fog.w * length(to_lamp));
    color = vec4(min(light * glow_color.a * scattered * haze * fade * fade * shown, vec3(4.0)), 0.0);
}
