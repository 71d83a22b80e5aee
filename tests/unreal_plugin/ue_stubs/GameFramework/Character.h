// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "GameFramework/Actor.h"

#include "GameFramework/Pawn.h"

class UCapsuleComponent;
class UCharacterMovementComponent;

class ACharacter : public APawn
{
public:
  static UClass* StaticClass();
  UCapsuleComponent* GetCapsuleComponent() const;
  UCharacterMovementComponent* GetCharacterMovement() const;
};
