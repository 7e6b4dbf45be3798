/** Placeholder until the facade is here. */
final class Complete {
    private Complete() {}

    public static void main(String[] args) {
        System.out.println("Complete " + String.join(" ", args));
    }
}
