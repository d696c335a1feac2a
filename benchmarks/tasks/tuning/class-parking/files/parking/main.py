"""Show how a car park is used."""

from parking.lot import ParkingLot


def main():
    """Let some cars in and out."""
    lot = ParkingLot(2)
    lot.enter("AB 1")
    lot.enter("CD 2")
    lot.leave("AB 1")
    print(", ".join(lot.plates()))


if __name__ == "__main__":
    main()
