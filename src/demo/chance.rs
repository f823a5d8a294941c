//! Reproducible chance: the same seed and stream give the same numbers on every machine and in every version.

/// A stream of pseudo-random numbers (SplitMix64). A general crate is not used on purpose: none promises that
/// its default generator keeps its sequence from one release to the next, and the region must not move.
#[derive(Debug, Clone)]
pub struct Chance(u64);

/// The odd constant of SplitMix64, which spreads successive states.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// A stream of its own for each project, so that a larger region begins with the smaller one.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(GOLDEN) ^ stream.wrapping_add(1).wrapping_mul(0xd1b5_4a32_d192_ed03));
        chance.number();
        chance
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` excluded; 0 when the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.number()) * bound as u128;
        usize::try_from(wide >> 64).expect("smaller than the bound")
    }

    /// True `percent` times out of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// True `rate` times out of ten thousand.
    pub fn per_ten_thousand(&mut self, rate: usize) -> bool {
        self.below(10_000) < rate
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A number of euros between two bounds, small ones more often than large ones, rounded as people round.
    pub fn euros(&mut self, least: i64, most: i64) -> i64 {
        let mut octave = least;
        while octave * 2 < most && self.percent(55) {
            octave *= 2;
        }
        let drawn = octave + i64::try_from(self.below(usize::try_from(octave).unwrap_or(0))).unwrap_or(0);
        let step = match drawn {
            ..2_000 => 50,
            2_000..20_000 => 100,
            20_000..200_000 => 500,
            _ => 5_000,
        };
        (drawn / step * step).clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_and_streams_differ() {
        let draw = |seed, stream| {
            let mut chance = Chance::new(seed, stream);
            (0..8).map(|_| chance.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }

    #[test]
    fn sums_stay_within_their_bounds() {
        let mut chance = Chance::new(7, 7);
        for _ in 0..1_000 {
            let euros = chance.euros(500, 5_000);
            assert!((500..=5_000).contains(&euros), "{euros}");
        }
    }
}
