using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The C interface of native/. Fast getters skip the GC transition; anything that may compute does not.</summary>
internal static unsafe partial class Native
{
    private const string Lib = "semsam_torch";

    static Native() => NativeLoader.Register();

    [DllImport(Lib)] internal static extern nint semsam_op_find(byte* name, byte* overload);
    [DllImport(Lib)] internal static extern int semsam_op_arity(nint op);
    [DllImport(Lib)] internal static extern int semsam_op_call(nint op, Slot* args, int count, Slot* results, int capacity);
    [DllImport(Lib), SuppressGCTransition] internal static extern void semsam_free(nint p);

    [DllImport(Lib)] internal static extern void semsam_tensor_release(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern nint semsam_tensor_retain(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern long semsam_tensor_dim(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern long semsam_tensor_numel(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_tensor_dtype(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern long semsam_tensor_device(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern void semsam_tensor_sizes(nint t, long* sizes);
    [DllImport(Lib)] internal static extern int semsam_tensor_strides(nint t, long* strides);
    [DllImport(Lib), SuppressGCTransition] internal static extern long semsam_tensor_storage_offset(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_tensor_is_contiguous(nint t);
    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_tensor_is_sparse(nint t);
    [DllImport(Lib)] internal static extern int semsam_tensor_is_pinned(nint t);
    [DllImport(Lib)] internal static extern nint semsam_tensor_data(nint t);
    [DllImport(Lib)] internal static extern nint semsam_tensor_from_memory(void* data, long* sizes, int dims, int dtype, int copy, delegate* unmanaged<nint, void> release, nint context);

    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_requires_grad(nint t);
    [DllImport(Lib)] internal static extern int semsam_set_requires_grad(nint t, int value);
    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_is_leaf(nint t);
    [DllImport(Lib)] internal static extern int semsam_retain_grad(nint t);
    [DllImport(Lib)] internal static extern nint semsam_grad(nint t);
    [DllImport(Lib)] internal static extern int semsam_set_grad(nint t, nint grad);
    [DllImport(Lib)] internal static extern int semsam_backward(nint* tensors, int n, nint* grads, int g, int keep, int create, nint* inputs, int m);
    [DllImport(Lib)] internal static extern int semsam_autograd_grad(nint* outputs, int n, nint* inputs, int m, nint* grads, int g, int keep, int create, int unused, nint* results);
    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_grad_enabled();
    [DllImport(Lib), SuppressGCTransition] internal static extern void semsam_set_grad_enabled(int value);
    [DllImport(Lib), SuppressGCTransition] internal static extern int semsam_inference_enabled();
    [DllImport(Lib)] internal static extern nint semsam_inference_enter(int value);
    [DllImport(Lib)] internal static extern void semsam_inference_leave(nint guard);
    [DllImport(Lib)] internal static extern int semsam_anomaly();
    [DllImport(Lib)] internal static extern void semsam_set_anomaly(int enabled, int checkNaN);

    [DllImport(Lib)] internal static extern nint semsam_error();
    [DllImport(Lib)] internal static extern nint semsam_torch_version();
    [DllImport(Lib)] internal static extern int semsam_get_num_threads();
    [DllImport(Lib)] internal static extern int semsam_set_num_threads(int n);
    [DllImport(Lib)] internal static extern int semsam_get_num_interop_threads();
    [DllImport(Lib)] internal static extern int semsam_set_num_interop_threads(int n);
    [DllImport(Lib)] internal static extern int semsam_manual_seed(ulong seed);
    [DllImport(Lib)] internal static extern nint semsam_generator_default(long device);
    [DllImport(Lib)] internal static extern nint semsam_generator_new(ulong seed, long device);
    [DllImport(Lib)] internal static extern void semsam_generator_free(nint g);
    [DllImport(Lib)] internal static extern int semsam_generator_set_seed(nint g, ulong seed);
    [DllImport(Lib)] internal static extern ulong semsam_generator_get_seed(nint g);
    [DllImport(Lib)] internal static extern ulong semsam_generator_reseed(nint g);
    [DllImport(Lib)] internal static extern nint semsam_generator_get_state(nint g);
    [DllImport(Lib)] internal static extern int semsam_generator_set_state(nint g, nint state);
    [DllImport(Lib)] internal static extern int semsam_cuda_available();
    [DllImport(Lib)] internal static extern int semsam_cuda_device_count();
    [DllImport(Lib)] internal static extern int semsam_cudnn_available();
    [DllImport(Lib)] internal static extern int semsam_cuda_synchronize(int device);
    [DllImport(Lib)] internal static extern int semsam_allow_tf32(int which, int value);

    /// <summary>The exception for the last failure on this thread: libtorch's own message.</summary>
    internal static ExternalException Error() => new(Marshal.PtrToStringUTF8(semsam_error()) ?? "unknown failure in libtorch");

    internal static void Check(int code)
    {
        if (code < 0) throw Error();
    }

    internal static nint Check(nint pointer) => pointer != 0 ? pointer : throw Error();
}

/// <summary>Finds libsemsam_torch.so: SEMSAM_NATIVE (a file or its folder), then the application's folder.</summary>
internal static class NativeLoader
{
    private const string FileName = "libsemsam_torch.so";
    private static int s_registered;

    internal static void Register()
    {
        if (Interlocked.Exchange(ref s_registered, 1) == 0)
            NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, Resolve);
    }

    // .NET asks again for every function that is called for the first time; what is set up at loading must be set up once.
    private static readonly Lazy<nint> s_library = new(Load);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == "semsam_torch" ? s_library.Value : 0;

    private static nint Load()
    {
        string[] places = Places().ToArray();
        foreach (string place in places)
            if (File.Exists(place))
            {
                ProcessTuning.Apply();
                nint library = NativeLibrary.Load(place); // its own message names what it misses
                UseAllCores(library);
                return library;
            }
        throw new DllNotFoundException($"{FileName} is not at {string.Join(" nor at ", places)}. Run ./semsam or native/build.sh once, then build again.");
    }

    private static IEnumerable<string> Places()
    {
        string? named = Environment.GetEnvironmentVariable("SEMSAM_NATIVE");
        if (!string.IsNullOrEmpty(named)) yield return Directory.Exists(named) ? Path.Combine(named, FileName) : named;
        yield return Path.Combine(AppContext.BaseDirectory, FileName);
    }

    // Debian's libtorch starts with one thread.
    private static unsafe void UseAllCores(nint library)
    {
        int threads = int.TryParse(Environment.GetEnvironmentVariable("SEMSAM_THREADS"), out int wanted) && wanted > 0
            ? wanted : Environment.ProcessorCount;
        ((delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "semsam_set_num_threads"))(threads);
    }
}
