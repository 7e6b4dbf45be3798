package dev.lathe.tools.command;

import java.lang.reflect.Proxy;

/**
 * Ctrl-C as an event. The JDK's one way is {@code sun.misc.Signal} of the module jdk.unsupported. It is called by
 * reflection because the compiler warns of it whatever it is told, and warnings are errors here; where the class is
 * missing, Ctrl-C ends the program.
 */
public final class Interrupts {
    private Interrupts() {}

    /** Runs the action on each Ctrl-C, on a thread of its own. */
    public static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object actor =
                    Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, _) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), actor);
        } catch (ReflectiveOperationException e) {
            System.getLogger("dev.lathe.tools").log(System.Logger.Level.DEBUG, "Ctrl-C ends the program", e);
        }
    }
}
