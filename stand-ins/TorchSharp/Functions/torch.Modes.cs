using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static string __version__ => "0.107.0";

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.NewDisposeScope();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.Current;

    /// <summary>Runs expr in a scope of its own; only its result survives.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);
    public static bool is_grad_enabled() => Native.semsam_grad_enabled() != 0;
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_inference_mode_enabled() => Native.semsam_inference_enabled() != 0;

    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.semsam_manual_seed((ulong)seed));
        return Generator.Default;
    }

    public static long initial_seed() => Generator.Default.initial_seed();
    public static long seed() => Generator.Default.seed();
    public static Tensor get_rng_state() => Generator.Default.get_state();
    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);

    public static int get_num_threads() => Native.semsam_get_num_threads();
    public static void set_num_threads(int num) => Native.Check(Native.semsam_set_num_threads(num));
    public static int get_num_interop_threads() => Native.semsam_get_num_interop_threads();
    public static void set_num_interop_threads(int num) => Native.Check(Native.semsam_set_num_interop_threads(num));
    public static bool cuda_is_available() => cuda.is_available();
    public static bool mps_is_available() => false;

    public static partial class cuda
    {
        public static bool is_available() => Native.semsam_cuda_available() != 0;
        public static bool is_cudnn_available() => Native.semsam_cudnn_available() != 0;
        public static int device_count() => Native.semsam_cuda_device_count();
        public static void manual_seed(long seed) => manual_seed_all(seed);
        public static void manual_seed_all(long seed) => torch.manual_seed(seed);
        public static void synchronize(Device? device = null) => Native.Check(Native.semsam_cuda_synchronize(device?.index ?? -1));
    }

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);
        public static long initial_seed() => torch.initial_seed();
        public static long seed() => torch.seed();
        public static Tensor get_rng_state() => torch.get_rng_state();
        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => Native.semsam_allow_tf32(0, -1) != 0;
                    set => Native.semsam_allow_tf32(0, value ? 1 : 0);
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => Native.semsam_allow_tf32(1, -1) != 0;
                set => Native.semsam_allow_tf32(1, value ? 1 : 0);
            }
        }
    }

    // Grad mode belongs to the thread: dispose on the thread that made it.
    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = is_grad_enabled();
        private bool _done;

        internal GradMode(bool enabled) => Native.semsam_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_done) return;
            _done = true;
            Native.semsam_set_grad_enabled(_before ? 1 : 0);
        }
    }

    private sealed class InferenceMode(bool mode) : IDisposable
    {
        private nint _guard = Native.semsam_inference_enter(mode ? 1 : 0);

        public void Dispose()
        {
            nint guard = Interlocked.Exchange(ref _guard, 0);
            if (guard != 0) Native.semsam_inference_leave(guard);
        }
    }
}
