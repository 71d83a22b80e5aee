// A led or tumbling thing, which tells what it bumps into.
#include "SimBridgeThing.h"

#include "Components/StaticMeshComponent.h"

ASimBridgeThing::ASimBridgeThing()
{
  PrimaryActorTick.bCanEverTick = false;
  Seen = CreateDefaultSubobject<UStaticMeshComponent>(TEXT("Seen"));
  Seen->SetMobility(EComponentMobility::Movable);
  SetRootComponent(Seen);
}

void ASimBridgeThing::NotifyHit(UPrimitiveComponent* MyComp, AActor* Other, UPrimitiveComponent* OtherComp, bool bSelfMoved,
  FVector HitLocation, FVector HitNormal, FVector NormalImpulse, const FHitResult& Hit)
{
  AActor::NotifyHit(MyComp, Other, OtherComp, bSelfMoved, HitLocation, HitNormal, NormalImpulse, Hit);
  if (Bumps != nullptr)
  {
    Bumps->Bumped(*this, Other, OtherComp, Hit.Item, HitLocation, NormalImpulse);
  }
}
