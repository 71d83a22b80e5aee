// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "PixelFormat.h"

template <typename T>
class TRefCountPtr
{
public:
  TRefCountPtr() = default;
  bool IsValid() const;
  T* GetReference() const;
};
class FRHITexture
{
};
using FTextureRHIRef = TRefCountPtr<FRHITexture>;

enum class ERHIAccess : uint32
{
  Unknown = 0,
  CopySrc = 1,
  SRVMask = 2
};
struct FRHITransitionInfo
{
  FRHITransitionInfo(FRHITexture*, ERHIAccess Before, ERHIAccess After);
};
class FRHICommandList
{
public:
  void Transition(const FRHITransitionInfo&);
};
class FRHICommandListImmediate : public FRHICommandList
{
};
