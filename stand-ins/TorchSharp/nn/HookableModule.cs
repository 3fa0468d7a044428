#nullable disable
namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose calls can be watched and changed: before forward and after it.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            private protected readonly OrderedDictionary<string, TPreHook> PreHooks = [];
            private protected readonly OrderedDictionary<string, TPostHook> PostHooks = [];
            private readonly OrderedDictionary<string, Action<Module>> _simplePreHooks = [];
            private readonly OrderedDictionary<string, Action<Module>> _simplePostHooks = [];

            protected HookableModule(string name) : base(name) { }

            public HookRemover register_forward_pre_hook(TPreHook hook) => Add(PreHooks, hook);

            public HookRemover register_forward_hook(TPostHook hook) => Add(PostHooks, hook);

            public HookRemover register_forward_pre_hook(Action<Module> hook) => Add(_simplePreHooks, hook);

            public HookRemover register_forward_hook(Action<Module> hook) => Add(_simplePostHooks, hook);

            private HookRemover Add<THook>(OrderedDictionary<string, THook> hooks, THook hook)
            {
                string key = Guid.NewGuid().ToString();
                hooks.Add(key, hook);
                return new(this, key);
            }

            /// <summary>Takes one hook off again.</summary>
            public class HookRemover
            {
                private readonly HookableModule<TPreHook, TPostHook> _module;
                private readonly string _key;

                public HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
                {
                    _module = module;
                    _key = key;
                }

                public void remove() => _module.Remove(_key);
            }

            private void Remove(string key)
            {
                PreHooks.Remove(key);
                PostHooks.Remove(key);
                _simplePreHooks.Remove(key);
                _simplePostHooks.Remove(key);
            }

            private protected bool HasHooks => PreHooks.Count + PostHooks.Count + _simplePreHooks.Count + _simplePostHooks.Count > 0;

            private protected void RunSimplePreHooks()
            {
                foreach (Action<Module> hook in _simplePreHooks.Values) hook(this);
            }

            private protected void RunSimplePostHooks()
            {
                foreach (Action<Module> hook in _simplePostHooks.Values) hook(this);
            }
        }
    }
}
