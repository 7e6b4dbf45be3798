package dev.lathe.compress;

import dev.lathe.model.ActivationSite;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which matrices of a decoder's layers a transform works on: those that read at some sites, in some layers. Immutable.
 *
 * @param sites where the matrices read their input
 * @param from first layer
 * @param to end of the layers; the greatest integer stands for all
 */
public record LayerSet(Set<ActivationSite> sites, int from, int to) {
    /** Copies the set, in the order of the sites, and checks the range. */
    public LayerSet {
        sites = Collections.unmodifiableSortedSet(new TreeSet<>(sites));
        if (sites.isEmpty() || from < 0 || from >= to) {
            throw new IllegalArgumentException(
                    "layers " + from + " to " + to + " at " + sites + ": expected a site and at least one layer");
        }
    }

    /** Every matrix of every layer. */
    public static LayerSet all() {
        return at(ActivationSite.ofMatrices());
    }

    /** Query, key, value and output of every layer. */
    public static LayerSet attention() {
        return at(EnumSet.of(ActivationSite.ATTENTION, ActivationSite.ATTENTION_OUTPUT));
    }

    /** Gate, up and down of every layer, and of every expert. */
    public static LayerSet feedForward() {
        return at(EnumSet.of(
                ActivationSite.FEED_FORWARD,
                ActivationSite.FEED_FORWARD_DOWN,
                ActivationSite.EXPERT,
                ActivationSite.EXPERT_DOWN));
    }

    /** The matrices that read at these sites, in every layer. */
    public static LayerSet at(Set<ActivationSite> sites) {
        return new LayerSet(sites, 0, Integer.MAX_VALUE);
    }

    /** The same matrices of the layers {@code [from, to)} alone. */
    public LayerSet layers(int from, int to) {
        return new LayerSet(sites, from, to);
    }

    /** Whether the matrices of a layer that read at a site are among them. */
    public boolean contains(int layer, ActivationSite site) {
        return layer >= from && layer < to && sites.contains(site);
    }

    /** The sites of a layer. */
    public Set<ActivationSite> sites(int layer) {
        return layer >= from && layer < to ? sites : Set.of();
    }

    /** Such as {@code attention} or {@code all of layers 2 to 5}. */
    @Override
    public String toString() {
        String what = equalSites(all())
                ? "all"
                : equalSites(attention())
                        ? "attention"
                        : equalSites(feedForward())
                                ? "feed-forward"
                                : sites.stream()
                                        .sorted()
                                        .map(site -> site.name().toLowerCase(java.util.Locale.ROOT))
                                        .collect(Collectors.joining("+"));
        if (from == 0 && to == Integer.MAX_VALUE) {
            return what;
        }
        return what + " of layers " + from + " to " + (to == Integer.MAX_VALUE ? "the last" : to - 1);
    }

    private boolean equalSites(LayerSet other) {
        return sites.equals(other.sites);
    }
}
