package dev.lathe.springboot;

import dev.lathe.Engine;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/** Ends an engine with its application: answers under way have some time, then closing the engine cancels them. */
final class GracefulEnd implements SmartLifecycle {
    private final Engine engine;
    private final Duration longest;
    private volatile boolean running;

    GracefulEnd(Engine engine, Duration longest) {
        this.engine = engine;
        this.longest = longest;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        Thread draining = Thread.ofVirtual().name("lathe-drain").start(engine::drain);
        try {
            draining.join(longest);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
