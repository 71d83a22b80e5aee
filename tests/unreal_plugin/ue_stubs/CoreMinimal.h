// Stand-in for Unreal's own header: what simbridge uses of it, as documented; containers and threads that work. Not Unreal.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// --- macros --------------------------------------------------------------------------------------
#define TEXT(Words) u##Words
#define PLATFORM_SOCKETSUBSYSTEM FName()
#define UE_DOUBLE_PI (3.141592653589793238462643383279502884197169399)
#define INDEX_NONE (-1)
#define SIMBRIDGE_API
#define UPROPERTY(...)
#define UFUNCTION(...)
#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UMETA(...)
#if defined(__linux__)
#define PLATFORM_LINUX 1
#define PLATFORM_MAC 0
#elif defined(__APPLE__)
#define PLATFORM_LINUX 0
#define PLATFORM_MAC 1
#else
#define PLATFORM_LINUX 0
#define PLATFORM_MAC 0
#endif
// Words that Unreal has taken: code that uses them as names must not compile here either.
#define check(...) UeStubCheck(__VA_ARGS__)
#define verify(...) UeStubCheck(__VA_ARGS__)
inline void UeStubCheck(bool) {}

// --- numbers -------------------------------------------------------------------------------------
typedef std::uint8_t uint8;
typedef std::uint16_t uint16;
typedef std::uint32_t uint32;
typedef unsigned long long uint64;
typedef std::int8_t int8;
typedef std::int16_t int16;
typedef std::int32_t int32;
typedef long long int64;
typedef char ANSICHAR;
typedef char16_t TCHAR;
typedef std::size_t SIZE_T;

// --- pointers and moves --------------------------------------------------------------------------
template <typename T>
std::remove_reference_t<T>&& MoveTemp(T&& What)
{
  static_assert(!std::is_const_v<std::remove_reference_t<T>>, "MoveTemp of something const");
  return static_cast<std::remove_reference_t<T>&&>(What);
}

template <typename T>
class TUniquePtr
{
public:
  TUniquePtr() = default;
  TUniquePtr(std::nullptr_t) {}
  explicit TUniquePtr(T* What) : Held(What) {}
  template <typename O, typename = std::enable_if_t<std::is_convertible_v<O*, T*>>>
  TUniquePtr(TUniquePtr<O>&& Other) : Held(Other.Release()) {}
  TUniquePtr(TUniquePtr&&) = default;
  TUniquePtr& operator=(TUniquePtr&&) = default;
  ~TUniquePtr() = default;
  T* operator->() const { return Held.get(); }
  T& operator*() const { return *Held; }
  T* Get() const { return Held.get(); }
  T* Release() { return Held.release(); }
  void Reset(T* What = nullptr) { Held.reset(What); }
  bool IsValid() const { return Held != nullptr; }
  explicit operator bool() const { return IsValid(); }

private:
  std::unique_ptr<T> Held;
};

template <typename T, typename... A>
TUniquePtr<T> MakeUnique(A&&... Arguments)
{
  return TUniquePtr<T>(new T(std::forward<A>(Arguments)...));
}

template <typename T>
class TSharedPtr
{
public:
  TSharedPtr() = default;
  TSharedPtr(std::nullptr_t) {}
  TSharedPtr(std::shared_ptr<T> What) : Held(std::move(What)) {}
  T* operator->() const { return Held.get(); }
  T& operator*() const { return *Held; }
  T* Get() const { return Held.get(); }
  bool IsValid() const { return Held != nullptr; }
  void Reset() { Held.reset(); }

private:
  std::shared_ptr<T> Held;
};

template <typename T, typename... A>
TSharedPtr<T> MakeShared(A&&... Arguments)
{
  return TSharedPtr<T>(std::make_shared<T>(std::forward<A>(Arguments)...));
}

// --- text ----------------------------------------------------------------------------------------
class FString
{
public:
  FString() = default;
  FString(const TCHAR* Words) : Held(Words) {}
  const TCHAR* operator*() const { return Held.c_str(); }
  int32 Len() const { return static_cast<int32>(Held.size()); }
  bool IsEmpty() const { return Held.empty(); }
  TCHAR& operator[](int32 At) { return Held[static_cast<std::size_t>(At)]; }
  const TCHAR& operator[](int32 At) const { return Held[static_cast<std::size_t>(At)]; }
  void TrimStartAndEndInline();
  /// Unreal checks that formats are literals and that no object is passed for %s. Nothing is put in here.
  template <typename... A>
  static FString Printf(const TCHAR* Format, A...)
  {
    static_assert((std::is_trivially_copyable_v<A> && ...), "pass *String, not a String, to a format");
    return FString(Format);
  }
  friend FString operator+(const FString& A, const FString& B) { return FString((A.Held + B.Held).c_str()); }
  friend bool operator==(const FString& A, const FString& B) { return A.Held == B.Held; }

private:
  std::u16string Held;
};

class FName
{
public:
  FName() = default;
  FName(const TCHAR*);
  friend bool operator==(const FName&, const FName&);
};
inline const FName NAME_None;

/// Of plain ASCII alone.
class FTCHARToUTF8
{
public:
  explicit FTCHARToUTF8(const TCHAR* Words)
  {
    for (; *Words != 0; ++Words)
    {
      Held.push_back(static_cast<char>(*Words));
    }
  }
  const ANSICHAR* Get() const { return Held.c_str(); }
  int32 Length() const { return static_cast<int32>(Held.size()); }

private:
  std::string Held;
};
const TCHAR* UeStubFromUtf8(const ANSICHAR*);
#define TCHAR_TO_UTF8(Words) (FTCHARToUTF8(Words).Get())
#define UTF8_TO_TCHAR(Words) UeStubFromUtf8(Words)
bool CheckTCharIsHex(TCHAR);
uint8 TCharToNibble(TCHAR);

// --- containers ----------------------------------------------------------------------------------
template <typename T>
class TArrayView
{
public:
  TArrayView(T* First, int32 Count);
};
template <typename T>
TArrayView<T> MakeArrayView(T* First, int32 Count)
{
  return TArrayView<T>(First, Count);
}

template <typename T>
class TArray
{
public:
  TArray() = default;
  TArray(const T* First, int32 Count) : Held(First, First + Count) {}
  TArray(std::initializer_list<T> All) : Held(All) {}
  int32 Num() const { return static_cast<int32>(Held.size()); }
  T* GetData() { return Held.data(); }
  const T* GetData() const { return Held.data(); }
  T& operator[](int32 At) { return Held[static_cast<std::size_t>(At)]; }
  const T& operator[](int32 At) const { return Held[static_cast<std::size_t>(At)]; }
  int32 Add(T&& One)
  {
    Held.push_back(std::move(One));
    return Num() - 1;
  }
  int32 Add(const T& One)
  {
    Held.push_back(One);
    return Num() - 1;
  }
  int32 Remove(const T&);
  bool Contains(const T& One) const { return std::find(Held.begin(), Held.end(), One) != Held.end(); }
  void Reserve(int32 Count) { Held.reserve(static_cast<std::size_t>(Count)); }
  void Empty(int32 = 0) { Held.clear(); }
  void Init(const T& One, int32 Count) { Held.assign(static_cast<std::size_t>(Count), One); }
  void SetNumUninitialized(int32 Count) { Held.resize(static_cast<std::size_t>(Count)); }
  T& Last() { return Held.back(); }
  T* begin() { return Held.data(); }
  T* end() { return Held.data() + Held.size(); }
  const T* begin() const { return Held.data(); }
  const T* end() const { return Held.data() + Held.size(); }

private:
  std::vector<T> Held;
};

template <typename K, typename V>
struct TPair
{
  TPair() = default;
  TPair(const K& InKey, V&& InValue) : Key(InKey), Value(std::move(InValue)) {}
  K Key;
  V Value;
};

template <typename K, typename V>
class TMap
{
public:
  int32 Num() const { return static_cast<int32>(Held.size()); }
  V& Add(const K& Key) { return Add(Key, V()); }
  V& Add(const K& Key, V&& Value)
  {
    Remove(Key);
    Held.emplace_back(Key, std::move(Value));
    return Held.back().Value;
  }
  V& FindOrAdd(const K& Key)
  {
    V* Found = Find(Key);
    return Found == nullptr ? Add(Key) : *Found;
  }
  V* Find(const K& Key)
  {
    for (TPair<K, V>& One : Held)
    {
      if (One.Key == Key)
      {
        return &One.Value;
      }
    }
    return nullptr;
  }
  const V* Find(const K& Key) const { return const_cast<TMap*>(this)->Find(Key); }
  int32 Remove(const K& Key)
  {
    for (std::size_t At = 0; At < Held.size(); ++At)
    {
      if (Held[At].Key == Key)
      {
        // What is taken out ends after the map is whole again.
        TPair<K, V> Gone = std::move(Held[At]);
        Held.erase(Held.begin() + static_cast<std::ptrdiff_t>(At));
        return 1;
      }
    }
    return 0;
  }
  void Empty(int32 = 0) { Held.clear(); }
  TPair<K, V>* begin() { return Held.data(); }
  TPair<K, V>* end() { return Held.data() + Held.size(); }

private:
  std::vector<TPair<K, V>> Held;
};

template <typename S>
class TFunction;
template <typename R, typename... A>
class TFunction<R(A...)>
{
public:
  TFunction() = default;
  template <typename T>
  TFunction(T What) : Held(std::move(What))
  {
  }
  R operator()(A... Arguments) const { return Held(Arguments...); }

private:
  std::function<R(A...)> Held;
};

// --- mathematics ---------------------------------------------------------------------------------
struct FMath
{
  template <typename T>
  static T Clamp(const T X, const T Least, const T Most) { return std::clamp(X, Least, Most); }
  template <typename T>
  static T Min(T A, T B) { return A < B ? A : B; }
  template <typename T>
  static T Max(T A, T B) { return A < B ? B : A; }
  template <typename T>
  static T Abs(T X) { return X < 0 ? -X : X; }
  template <typename T>
  static T Square(T X) { return X * X; }
  static double Sqrt(double X) { return std::sqrt(X); }
  static double Sin(double X) { return std::sin(X); }
  static double Cos(double X) { return std::cos(X); }
  static double Tan(double X) { return std::tan(X); }
  static double Atan(double X) { return std::atan(X); }
  static double Atan2(double Y, double X) { return std::atan2(Y, X); }
  static double RadiansToDegrees(double X) { return X * 57.29577951308232; }
  static int32 RoundToInt(float X) { return static_cast<int32>(std::lround(X)); }
  static bool IsFinite(double X) { return std::isfinite(X); }
};

template <typename T>
struct TUeVector
{
  T X, Y, Z;
  TUeVector() = default;
  explicit TUeVector(T All) : X(All), Y(All), Z(All) {}
  TUeVector(T InX, T InY, T InZ) : X(InX), Y(InY), Z(InZ) {}
  template <typename O, typename = std::enable_if_t<!std::is_same_v<O, T>>>
  explicit TUeVector(const TUeVector<O>& Other) : X(static_cast<T>(Other.X)), Y(static_cast<T>(Other.Y)), Z(static_cast<T>(Other.Z)) {}
  TUeVector operator+(const TUeVector&) const;
  TUeVector operator-(const TUeVector&) const;
  TUeVector operator*(T) const;
  TUeVector operator/(T) const;
  T Size() const;
  bool IsNearlyZero() const;
  TUeVector GetSafeNormal() const;
  static TUeVector CrossProduct(const TUeVector&, const TUeVector&);
  static const TUeVector ZeroVector, OneVector;
};
template <typename T>
const TUeVector<T> TUeVector<T>::ZeroVector = TUeVector<T>(0);
template <typename T>
const TUeVector<T> TUeVector<T>::OneVector = TUeVector<T>(1);
typedef TUeVector<double> FVector;
typedef TUeVector<double> FVector3d;
typedef TUeVector<float> FVector3f;

struct FVector2f
{
  float X, Y;
  FVector2f() = default;
  FVector2f(float InX, float InY) : X(InX), Y(InY) {}
};

struct FIntVector
{
  FIntVector(int32, int32, int32);
  static const FIntVector ZeroValue;
};

struct FQuat
{
  double X, Y, Z, W;
  FQuat() = default;
  FQuat(double InX, double InY, double InZ, double InW) : X(InX), Y(InY), Z(InZ), W(InW) {}
  FVector RotateVector(FVector) const;
  static const FQuat Identity;
};

struct FMatrix
{
  FMatrix(const FVector& X, const FVector& Y, const FVector& Z, const FVector& W);
  FQuat ToQuat() const;
};

struct FRotationMatrix
{
  static FMatrix MakeFromX(const FVector&);
};

struct FTransform
{
  FTransform() = default;
  explicit FTransform(const FQuat&);
  FTransform(const FQuat&, const FVector& Translation, const FVector& Scale = FVector(1.0, 1.0, 1.0));
  FVector GetLocation() const;
  FQuat GetRotation() const;
  FVector GetScale3D() const;
  void SetScale3D(const FVector&);
  FVector TransformPosition(const FVector&) const;
  bool Equals(const FTransform&, double Tolerance = 1e-8) const;
  FTransform operator*(const FTransform&) const;
  static const FTransform Identity;
};

struct FBox
{
  FVector Min, Max;
};

struct FBoxSphereBounds
{
  FVector Origin, BoxExtent;
};

struct FLinearColor
{
  float R, G, B, A;
  FLinearColor() = default;
  FLinearColor(float InR, float InG, float InB, float InA = 1.0f) : R(InR), G(InG), B(InB), A(InA) {}
  static const FLinearColor Black;
};

struct FTimespan
{
  double Held = 0;
  static FTimespan FromSeconds(double Seconds) { return {Seconds}; }
};

// --- objects -------------------------------------------------------------------------------------
class UClass;
class UObject;
class UFunction;
class UWorld;

enum EObjectFlags
{
  RF_NoFlags = 0,
  RF_Transient = 0x40
};
inline EObjectFlags operator|(EObjectFlags A, EObjectFlags B) { return static_cast<EObjectFlags>(int(A) | int(B)); }
inline EObjectFlags& operator|=(EObjectFlags& A, EObjectFlags B) { return A = A | B; }

/// A UFUNCTION of one class, found by name.
class UObject
{
public:
  static UClass* StaticClass();
  virtual ~UObject() = default;
  UClass* GetClass() const;
  FName GetFName() const;
  FString GetPathName() const;
  virtual UWorld* GetWorld() const;
  UFunction* FindFunction(FName) const;
  virtual void ProcessEvent(UFunction*, void*);
};
class UClass : public UObject
{
public:
  UClass* GetSuperClass() const;
  bool IsChildOf(const UClass*) const;
};
class UFunction : public UObject
{
public:
  uint16 ParmsSize = 0;
};
class UPackage;
UPackage* GetTransientPackage();

template <typename T>
T* NewObject(UObject* Outer)
{
  static_assert(std::is_base_of_v<UObject, T>);
  return new T;
}
template <typename T>
T* DuplicateObject(T const* Source, UObject* Outer);
template <typename T>
const T* GetDefault();
template <typename T>
T* GetMutableDefault();
template <typename T, typename F>
T* Cast(F* From)
{
  return static_cast<T*>(const_cast<std::remove_const_t<F>*>(From));
}
bool IsValid(const UObject*);

template <typename T>
class TObjectPtr
{
public:
  TObjectPtr() = default;
  TObjectPtr(T* What) : Held(What) {}
  template <typename O, typename = std::enable_if_t<std::is_convertible_v<O*, T*>>>
  TObjectPtr(const TObjectPtr<O>& Other) : Held(Other.Get()) {}
  operator T*() const { return Held; }
  T* operator->() const { return Held; }
  T& operator*() const { return *Held; }
  T* Get() const { return Held; }

private:
  T* Held = nullptr;
};

template <typename T = UObject>
class TWeakObjectPtr
{
public:
  TWeakObjectPtr() = default;
  TWeakObjectPtr(T*);
  T* Get() const;
  bool IsValid() const;
  T* operator->() const;
  T& operator*() const;
};

class FDelegateHandle
{
};

// --- logs ----------------------------------------------------------------------------------------
struct FUeStubLog
{
};
#define DECLARE_LOG_CATEGORY_EXTERN(Name, Usual, Most) extern FUeStubLog Name
#define DEFINE_LOG_CATEGORY(Name) FUeStubLog Name
template <typename... A>
void UeStubLog(FUeStubLog&, const TCHAR*, A...)
{
  static_assert((std::is_trivially_copyable_v<A> && ...), "pass *String, not a String, to a log");
}
enum class EUeStubVerbosity
{
  Fatal,
  Error,
  Warning,
  Display,
  Log,
  Verbose
};
#define UE_LOG(Category, Verbosity, Format, ...) \
  do \
  { \
    (void)EUeStubVerbosity::Verbosity; \
    UeStubLog(Category, Format, ##__VA_ARGS__); \
  } while (false)
