// What Unreal's header tool would write: the class's own type, by name. Not Unreal.
#undef GENERATED_BODY
#define GENERATED_BODY() \
public: \
  static UClass* StaticClass(); \
\
private:
