"""Show how an auction goes."""

from auction.sale import Auction


def main():
    """Sell a clock."""
    auction = Auction("clock", 50)
    auction.bid("Ada", 50)
    auction.bid("Bob", 65)
    auction.bid("Ada", 80)
    for name, amount in auction.history():
        print(f"{name} {amount}")
    print(", ".join(auction.bidders()))


if __name__ == "__main__":
    main()
