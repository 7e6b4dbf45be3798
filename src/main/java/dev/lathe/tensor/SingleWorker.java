package dev.lathe.tensor;

/** The caller alone. */
final class SingleWorker implements Workers {
    static final SingleWorker INSTANCE = new SingleWorker();

    private SingleWorker() {}

    @Override
    public int count() {
        return 1;
    }

    @Override
    public void run(int parts, PartTask task) {
        for (int part = 0; part < parts; part++) {
            task.run(part);
        }
    }

    @Override
    public void close() {}
}
