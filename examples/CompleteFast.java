/** Complete, with the planner that chooses how tokens are computed. */
final class CompleteFast {
    private CompleteFast() {}

    public static void main(String[] arguments) {
        Complete.main("CompleteFast", "auto", arguments);
    }
}
