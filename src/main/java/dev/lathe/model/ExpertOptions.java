package dev.lathe.model;

/**
 * How a mixture of experts is computed, and whether it is told which experts were chosen. Immutable. Models without experts do
 * not look at it.
 *
 * <p>Skipping: Lu et al., "Not All Experts are Equal: Efficient Expert Pruning and Skipping for Mixture-of-Experts Large Language
 * Models", 2024, arXiv 2402.14800, section 3.3.
 *
 * @param skipBelow a token leaves out each chosen expert whose weight is below this share of its largest weight; 0 leaves out
 *     none, 1 all but the best. The results are others than the model's own. Where a family's weights add up to 1, those of the
 *     experts that are left do
 * @param counted whether choices are counted, as {@link ExpertUse} tells them
 */
public record ExpertOptions(float skipBelow, boolean counted) {
    /** All chosen experts, uncounted. */
    public static final ExpertOptions DEFAULT = new ExpertOptions(0, false);

    /** Checks the share. */
    public ExpertOptions {
        if (!(skipBelow >= 0 && skipBelow <= 1)) {
            throw new IllegalArgumentException("skipBelow is " + skipBelow + ": expected a share from 0 to 1");
        }
    }

    /** Without experts whose weight is below this share of the largest one. */
    public ExpertOptions skipBelow(float share) {
        return new ExpertOptions(share, counted);
    }

    /** With a count of the choices. */
    public ExpertOptions counting() {
        return new ExpertOptions(skipBelow, true);
    }
}
