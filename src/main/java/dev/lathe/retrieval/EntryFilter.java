package dev.lathe.retrieval;

/** Which entries a search may find. Called by several threads at once, for those alone that are near enough. */
@FunctionalInterface
public interface EntryFilter {
    /** Every entry. */
    EntryFilter ALL = (id, label) -> true;

    /** Whether an entry may be found. */
    boolean accepts(int id, int label);
}
