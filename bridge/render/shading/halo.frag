// The glow of a lamp in the air before what the picture shows: light scattered along the line of sight.

in vec2 corner;
flat in vec4 lamp;
flat in vec3 light;

layout(location = 0) out vec4 color;

void main() {
    ivec2 pixel = shaded_pixel();
    vec3 ray = direction_at(vec2(pixel) + 0.5);
    float scene_m = texelFetch(g_surface, pixel, 0).w * length(ray);
    ray = normalize(ray);
    vec3 to_lamp = lamp.xyz - eye.xyz;
    float along = dot(to_lamp, ray);
    float aside = max(length(to_lamp - ray * along), 0.06);
    float near_end = max(-along, -lamp.w), far_end = min(min(scene_m, along + lamp.w) - along, lamp.w);
    float scattered = max(atan(far_end / aside) - atan(near_end / aside), 0.0) / aside;
    float fade = saturate(1.0 - dot(corner, corner));
    float haze = 0.00035 + fog.w * 0.030 + 0.0007 * weather.x;
    float shown = exp(-fog.w * length(to_lamp));
    color = vec4(min(light * glow_color.a * scattered * haze * fade * fade * shown, vec3(4.0)), 0.0);
}
